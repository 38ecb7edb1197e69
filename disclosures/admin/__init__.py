"""Pages of recipients and of whatever leaves the house. Each module registers at the site."""

from disclosures.admin import recipients as recipients
