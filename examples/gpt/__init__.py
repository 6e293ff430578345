"""A decoder-only transformer written once against accel: it trains, is fine-tuned and serves on every backend."""
