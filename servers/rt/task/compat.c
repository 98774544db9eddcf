/* What Debian's static libraries expect of glibc and musl lacks, since they are built with
 * _FORTIFY_SOURCE and large-file names. A failed check ends the program, as glibc's does.
 * Sources: Linux Standard Base 5.0, "libc" (the __*_chk interfaces), glibc's manual. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Declared here, since no header of musl does. */
void *__memcpy_chk(void *to, const void *from, size_t count, size_t room);
void *__memmove_chk(void *to, const void *from, size_t count, size_t room);
void *__memset_chk(void *to, int value, size_t count, size_t room);
char *__strcpy_chk(char *to, const char *from, size_t room);
char *__strcat_chk(char *to, const char *from, size_t room);
char *__strncpy_chk(char *to, const char *from, size_t count, size_t room);
int __snprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, ...);
int __vsnprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, va_list list);
int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list list);
void __explicit_bzero_chk(void *to, size_t count, size_t room);
void __chk_fail(void);
int fcntl64(int file, int command, ...);

void __chk_fail(void)
{
        abort();
}

static void room_check(size_t count, size_t room)
{
        if (count > room)
                __chk_fail();
}

void *__memcpy_chk(void *to, const void *from, size_t count, size_t room)
{
        room_check(count, room);
        return memcpy(to, from, count);
}

void *__memmove_chk(void *to, const void *from, size_t count, size_t room)
{
        room_check(count, room);
        return memmove(to, from, count);
}

void *__memset_chk(void *to, int value, size_t count, size_t room)
{
        room_check(count, room);
        return memset(to, value, count);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
        size_t bytes = strlen(from) + 1;
        room_check(bytes, room);
        return memcpy(to, from, bytes);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
        size_t length = strlen(to);
        room_check(length, room);
        __strcpy_chk(to + length, from, room - length);
        return to;
}

char *__strncpy_chk(char *to, const char *from, size_t count, size_t room)
{
        room_check(count, room);
        return strncpy(to, from, count);
}

int __vsnprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, va_list list)
{
        (void)flag;
        room_check(size, room);
        return vsnprintf(to, size, format, list);
}

int __snprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, ...)
{
        va_list list;
        va_start(list, format);
        int length = __vsnprintf_chk(to, size, flag, room, format, list);
        va_end(list);
        return length;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
        va_list list;
        (void)flag;
        va_start(list, format);
        int length = vsnprintf(to, room, format, list);
        va_end(list);
        if (length >= 0)
                room_check((size_t)length + 1, room);
        return length;
}

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list list)
{
        (void)flag;
        return vfprintf(file, format, list);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
        va_list list;
        va_start(list, format);
        int length = __vfprintf_chk(file, flag, format, list);
        va_end(list);
        return length;
}

int __printf_chk(int flag, const char *format, ...)
{
        va_list list;
        va_start(list, format);
        int length = __vfprintf_chk(stdout, flag, format, list);
        va_end(list);
        return length;
}

void __explicit_bzero_chk(void *to, size_t count, size_t room)
{
        room_check(count, room);
        explicit_bzero(to, count);
}

int fcntl64(int file, int command, ...)
{
        va_list list;
        va_start(list, command);
        void *argument = va_arg(list, void *);
        va_end(list);
        return fcntl(file, command, argument);
}
