/* Debian's Lua, linked statically: runs the file that is its first argument, with the others. */
#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>
#include <stdio.h>

int main(int count, char **arguments)
{
        lua_State *state = luaL_newstate();
        if (!state || count < 2)
                return 2;
        luaL_openlibs(state);
        int wrong = luaL_loadfile(state, arguments[1]);
        for (int i = 2; i < count && !wrong; i++)
                lua_pushstring(state, arguments[i]);
        if (wrong || lua_pcall(state, count - 2, 0, 0)) {
                fprintf(stderr, "lua: %s\n", lua_tostring(state, -1));
                return 1;
        }
        lua_close(state);
        return 0;
}
