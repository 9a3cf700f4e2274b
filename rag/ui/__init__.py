"""The page in the browser, the JSON endpoints and the MCP tools: what stands in front of ``rag.assistant``."""
