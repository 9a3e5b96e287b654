// libyaml 0.2 (Debian: libyaml-dev), as the YAML module uses it.
#include <yaml.h>
