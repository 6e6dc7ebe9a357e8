// The programs. They are one file with two names, `postern` and a link to it, `posternd`: nearly all that one is made
// of the other is, too, and on the box both are on its flash and in its memory at once.
#pragma once

namespace postern::app {

// As main().
int run_daemon(int argc, char** argv);
int run_command(int argc, char** argv);

} // namespace postern::app
