"""Plain HTTP routes: sign-in, files, webhooks, health, public pages."""
