"""Conversations, messages, receipts and presence: a channel that knows nothing of tickets."""
