#include "app/options.h"

#include "core/settings.h"
#include "office/setting_rules.h"
#include "text/idn.h"

#include <boost/program_options.hpp>

#include <format>
#include <sstream>

namespace postern::app {

namespace {

namespace po = boost::program_options;

constexpr unsigned highest_port = 993; // of the services, without the base

po::options_description describe_options() {
    po::options_description options("posternd serves the office's mail. Options");
    auto add = options.add_options();
    add("data", po::value<std::string>()->default_value("/var/lib/postern")->value_name("DIR"),
        "where mail, settings and keys are kept; made if it is not there");
    add("listen", po::value<std::string>()->default_value("::")->value_name("ADDR"),
        "the address to serve at; :: is every one");
    add("port-base", po::value<unsigned>()->default_value(0)->value_name("N"),
        "is added to every service's standard port");
    add("domain", po::value<std::string>()->value_name("NAME"),
        "the office's mail domain, which is kept; a first start without it waits for `postern setup`");
    add("control", po::value<std::string>()->value_name("SOCKET"), "the control socket, DIR/control.sock unless told");
    add("may-go-back", "an earlier version may come again: a store that it can read stays so until `postern box keep`");
    add("set", po::value<std::vector<std::string>>()->value_name("NAME=VALUE"),
        "a setting for this run, over the one that is kept; may be repeated");
    add("help-settings", "explains every setting");
    add("help", "explains these options");
    return options;
}

std::string settings_help() {
    std::string help;
    for (core::SettingRow const& setting : core::setting_table())
        help += std::format("{} ({})\n    {}\n", setting.name,
                            setting.default_value.empty() ? "empty" : setting.default_value, setting.help);
    return help;
}

std::unexpected<Instead> wrong(std::string const& why) {
    return std::unexpected(Instead{std::format("posternd: {}; see posternd --help\n", why), 2});
}

} // namespace

std::expected<Options, Instead> read_options(int argc, char const* const* argv) {
    po::options_description const description = describe_options();
    po::variables_map given;
    try {
        int const style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        // No positional arguments: one that is there is an error, not something to pass over.
        po::store(po::command_line_parser(argc, argv).options(description).positional({}).style(style).run(), given);
    } catch (po::error const& error) {
        return wrong(error.what());
    }
    if (given.contains("help")) {
        std::ostringstream text;
        text << description;
        return std::unexpected(Instead{text.str(), 0});
    }
    if (given.contains("help-settings")) return std::unexpected(Instead{settings_help(), 0});

    Options options;
    options.data = std::filesystem::absolute(given["data"].as<std::string>());
    options.control = given.contains("control") ? std::filesystem::absolute(given["control"].as<std::string>())
                                                : options.data / "control.sock";
    options.listen = given["listen"].as<std::string>();
    unsigned const base = given["port-base"].as<unsigned>();
    if (base > 65535 - highest_port) return wrong(std::format("--port-base is at most {}", 65535 - highest_port));
    options.port_base = static_cast<std::uint16_t>(base);
    if (given.contains("domain")) {
        options.domain = text::domain_to_ascii(given["domain"].as<std::string>());
        if (!options.domain) return wrong(std::format("{} is no domain name", given["domain"].as<std::string>()));
    }
    options.may_go_back = given.contains("may-go-back");
    if (given.contains("set")) {
        core::Settings tried;
        for (std::string const& pair : given["set"].as<std::vector<std::string>>()) {
            auto const equals = pair.find('=');
            if (equals == std::string::npos) return wrong("--set wants NAME=VALUE");
            auto& [name, value] = options.settings.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
            if (auto const valid = tried.set(name, value); !valid) return wrong(valid.error());
            if (auto const objection = office::objection(name, value)) return wrong(*objection);
        }
    }
    return options;
}

} // namespace postern::app
