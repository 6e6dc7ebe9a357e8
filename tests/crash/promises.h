// What each client knows to be in the store, and from when on: the marks of a log.
#pragma once

#include "record.h"
#include "state.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern::crash {

class Promises {
public:
    explicit Promises(std::vector<Record> const& records); // which outlive it

    // Throws std::runtime_error unless each client finds what it knew when `record` happened, or what its next
    // operation made of that, and there is nothing else.
    void check(std::size_t record, State const& state) const;

private:
    struct Mark {
        std::size_t record;
        std::string_view lines;
    };
    std::map<std::string, std::vector<Mark>> marks_; // by client
};

} // namespace postern::crash
