"""Sign-in of staff: password, throttle, second factor, session limits."""
