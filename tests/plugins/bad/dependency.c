/* dependency.c - a library that a plugin needs and that is nowhere where the system looks. */
int nobodyCallsThis(void);
int nobodyCallsThis(void) { return 0; }
