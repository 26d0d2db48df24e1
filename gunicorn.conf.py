"""How gunicorn serves it: `gunicorn app:app` reads this file; its options go before.

The application is loaded once, before the workers begin, and they share that memory. It holds no
connection and no thread by then. A new version needs a restart: a reload would keep the old one.
"""

preload_app = True
worker_class = "gthread"
workers = 2
threads = 4
