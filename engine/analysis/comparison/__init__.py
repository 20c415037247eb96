"""Two runs compared: what changed in the inputs, and what each change did to the beliefs."""
