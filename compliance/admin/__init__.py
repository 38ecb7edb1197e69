"""The office: site, base class, pages. Modules of pages are named in pages.py."""
