"""Use cases of actions: adding, reporting, extending, reminding, correcting and listing."""
