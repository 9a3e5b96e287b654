"""Fixtures of the tests of putlive-agent."""

from agent import agent, start_agent
from srs import srs_api_port

__all__ = ["agent", "srs_api_port", "start_agent"]
