#include "app/programs.h"

#include <string_view>

// What it was called as says which program is meant.
int main(int argc, char** argv) {
    std::string_view const called = argc > 0 ? argv[0] : "";
    bool const daemon = called.substr(called.rfind('/') + 1) == "posternd";
    return daemon ? postern::app::run_daemon(argc, argv) : postern::app::run_command(argc, argv);
}
