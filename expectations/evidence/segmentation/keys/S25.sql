select segment as key from segment_findings where fault
