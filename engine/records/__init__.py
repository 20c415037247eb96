"""What people write: scenarios, sources and article records, read strictly and checked as a whole."""
