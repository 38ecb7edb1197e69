"""Pages of members and of purchasers without account, one file per journey."""
