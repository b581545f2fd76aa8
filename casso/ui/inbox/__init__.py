"""The desk: list, ticket, context, composer."""
