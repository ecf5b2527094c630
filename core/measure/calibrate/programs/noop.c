/* Nothing at all: what starting it costs is what starting a program costs. */
int main(void) { return 0; }
