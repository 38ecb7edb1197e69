#!/usr/bin/env python3
"""Command line of Privacy Back Office."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command with the settings of the project."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
