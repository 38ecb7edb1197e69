"""The door: recipients and whatever leaves the house."""
