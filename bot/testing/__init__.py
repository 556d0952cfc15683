"""Shipped to plugin authors: suites that every part must pass, a clock that stands still, and the whole bot in a test.

- conformance: sources, and the addresses of their own (counters); `await conformance.conforms(plugin, samples)`
- pagers: `await pagers.conforms(plugin, lambda url: {"url": url})`
- receivers: `await receivers.conforms(plugin, options, deliveries=[...])`, requests as the channel posts them
- platforms: `await platforms.conforms(plugin, options, stage)`; a stage.Stage is your hand at the far end
- evaluators: `await evaluators.conforms(plugin, options, stage)`; an evaluators.Stage plants the rows
- trainers: `await trainers.conforms(plugin, options, stage)`; a trainers.Stage ends the runs
- clock.FakeClock: time that moves when told; sleepers wake in order
- far_end.FarEnd: an HTTP server that keeps what arrives and answers well, badly or never
- folder.write: a small configuration for a test
- house.House: the bot over that configuration and a workspace (bot.sandbox.workspace), in frozen time

docs/plugins.md, "Test it", shows a test with all of them.
"""
