/* What an image has executed in this life, added to what earlier ones have: `make coverage` links
 * it, and the simulator calls it before the image's memory becomes what it was. */
void __gcov_dump(void);
__attribute__((visibility("default"))) void image_dump(void);

void image_dump(void)
{
        __gcov_dump();
}
