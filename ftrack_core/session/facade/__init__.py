"""What programs call on a session, in parts that its class is made of."""
