"""Who walks through the site, and what each can do on its pages."""
