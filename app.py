"""The entry: builds the application and nothing else."""

import sys

from quartieri.config import SettingsError
from quartieri.wiring import create_app

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"Quartieri cannot start: {error}")
