"""What comes from outside: cleaned, bounded in length, and without secrets."""
