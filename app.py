"""The entry: builds the application and nothing else.

What is loaded stays for good, so the garbage collector is not asked to look through it: neither
while it loads, which takes a quarter of the time, nor ever after.
"""

import gc
import sys

gc.disable()

from quartieri.config import SettingsError  # noqa: E402 -- see above
from quartieri.wiring import create_app  # noqa: E402 -- see above

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"Quartieri cannot start: {error}")
finally:
    gc.freeze()
    gc.enable()
