"""The embedded default: everything a newcomer needs to try the bot without an account anywhere."""
