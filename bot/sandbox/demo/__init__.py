"""A whole evening on call in some seconds: the real bot, a real alert over HTTP, and a workspace instead of Slack."""
