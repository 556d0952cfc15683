"""Pictures people would rather look at than read; the libraries that draw are loaded when one is asked for."""
