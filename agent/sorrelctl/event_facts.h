#pragma once

#include "event/event.h"
#include "ruleset/match.h"

namespace sorrel::sorrelctl {

// What rules ask about, from the records of an event. A record that was left out, or cut, leaves
// its facts untold.
ruleset::EventFacts event_facts(const event::Event& event);

}  // namespace sorrel::sorrelctl
