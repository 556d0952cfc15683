"""The plugins that travel with Tocsin: one folder each, found by entry point alone, importing the contract only."""
