"""Pages of this app. A new module of pages is named here."""

from members.admin import imports as imports
