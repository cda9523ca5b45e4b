"""What other systems send and read through the channel. Pure: nothing here knows AWS."""
