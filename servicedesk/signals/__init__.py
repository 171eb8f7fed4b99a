"""What other systems and chats are told: signed calls, with the outbox's guarantees."""
