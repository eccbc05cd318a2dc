"""The screens: one file each, in the order that `_site.py` gives."""
