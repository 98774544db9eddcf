/* Debian's Lua, linked statically: runs the file that is its first argument. */
#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>
#include <stdio.h>

int main(int count, char **arguments)
{
        lua_State *state = luaL_newstate();
        if (!state || count < 2)
                return 2;
        luaL_openlibs(state);
        if (luaL_dofile(state, arguments[1])) {
                fprintf(stderr, "lua: %s\n", lua_tostring(state, -1));
                return 1;
        }
        lua_close(state);
        return 0;
}
