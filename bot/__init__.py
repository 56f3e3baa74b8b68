"""The process: settings, wiring, command line, Slack gateway, sender, schedule, health. No business decisions."""
