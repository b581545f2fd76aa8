"""The desk: list, conversation, context, composer."""
