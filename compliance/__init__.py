"""The study: what was promised, who answers for it, and what can be proved."""
