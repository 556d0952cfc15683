"""The chat door: what people see and press in Slack, and the only home of slack_bolt and slack_sdk."""
