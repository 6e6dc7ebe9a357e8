#include "setup/box_work.h"

#include "setup/facts.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::setup {

namespace {

void look(Desk& desk, BoxWork const& work) {
    auto const all = fact_of(desk.box.ask("box.results"));
    auto const& rows = rows_of(all);
    auto const found =
        std::ranges::find_if(rows, [&](auto const& row) { return text_of(row, "request") == work.request; });
    bool const failed = found != rows.end() && text_of(*found, "failed") == "true";
    bool const over = found != rows.end() || (work.is_done && work.is_done());
    if (!over) return desk.menu.refresh();
    desk.menu.close();
    auto result = found == rows.end() ? std::string() : text_of(*found, "result");
    if (failed)
        desk.tell(desk.words().failed, result);
    else
        work.done(std::move(result));
}

} // namespace

void await_box(Desk& desk, BoxWork work) {
    desk.menu.open([&desk, kept = std::make_shared<BoxWork const>(std::move(work))] {
        return Screen{.title = kept->title, .text = {kept->text()}, .watch = [&desk, kept] { look(desk, *kept); }};
    });
}

} // namespace postern::setup
