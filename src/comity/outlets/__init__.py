"""How else are our own people told? Mail and webhooks: more last miles, never proof of a person."""
