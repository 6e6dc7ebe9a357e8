#include "promises.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <stdexcept>

namespace postern::crash {

namespace {

std::string lines_only_in(std::string_view these, std::string_view those) {
    std::string only;
    while (!these.empty()) {
        auto const line = these.substr(0, these.find('\n') + 1);
        if (!those.contains(line)) only += line;
        these.remove_prefix(line.size());
    }
    return only;
}

} // namespace

Promises::Promises(std::vector<Record> const& records) {
    for (std::size_t i = 0; i < records.size(); ++i)
        if (records[i].kind == Kind::mark) marks_[std::string(records[i].path)].push_back({i, records[i].data});
}

void Promises::check(std::size_t record, State const& state) const {
    for (auto const& [owner, marks] : marks_) {
        auto const next = std::ranges::upper_bound(marks, record, {}, &Mark::record);
        if (next == marks.begin()) continue; // it was told nothing yet
        auto const found = state.find(owner);
        std::string_view const lines = found == state.end() ? std::string_view() : found->second;
        std::string_view const known = std::prev(next)->lines;
        if (lines != known && (next == marks.end() || lines != next->lines))
            throw std::runtime_error(std::format("{} misses:\n{}and finds:\n{}", owner, lines_only_in(known, lines),
                                                 lines_only_in(lines, known)));
    }
    for (auto const& [owner, lines] : state)
        if (!marks_.contains(owner)) throw std::runtime_error(std::format("nobody put there:\n{}", lines));
}

} // namespace postern::crash
