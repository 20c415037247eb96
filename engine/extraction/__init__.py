"""From article text to proposed reports; nothing counts until a person accepts it."""
