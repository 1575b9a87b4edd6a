"""What the sample bureau had done before its ledger opened in November 2026, entered in the first days.

All of it is invented: names end in 示例, 样本 or 试填, phone numbers lie in a range nobody has. The tasks a record names are
those of the shipped plan, so that its counts come out as a bureau's would in November.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from syncer.core.values import Scalar

YEAR = 2026
Cells = dict[str, Scalar]  # by column name


@dataclass(frozen=True, slots=True)
class Typed:
    """One row that a clerk types into: a new one, or the one that ``row`` names."""

    sheet: str
    cells: Cells
    row: str = ""


def day(text: str) -> date:
    """``"03-10"`` → that day of the story's year."""
    return date.fromisoformat(f"{YEAR}-{text}")


def report(number: str, status: str = "", done: str = "", plan: str = "", **more: Scalar) -> Typed:
    """A unit's word on a task it leads; what is not given stays as it is."""
    known: Cells = {"工作状态": status, "本周完成情况": done, "下周工作计划": plan}
    said: Cells = {name: text for name, text in known.items() if text}
    return Typed("任务清单", said | more, number)


def finished(number: str, done: str, **more: Scalar) -> Typed:
    """A unit's last word on a task it leads: what was planned or wrong is cleared."""
    known: Cells = {"工作状态": "已完成", "本周完成情况": done}
    cleared: Cells = dict.fromkeys(("下周工作计划", "存在问题或滞后原因", "预计完成日期"))
    return Typed("任务清单", known | cleared | more, number)


def support(number: str, text: str, **more: Scalar) -> Typed:
    """A unit's word on a task it supports."""
    return Typed("配合任务", {"配合完成情况": text, **more}, number)


def activity(
    when: str, name: str, kind: str, tasks: str, place: str, heads: int, content: str, **more: Scalar
) -> Typed:
    """A row of 活动台账."""
    known: Cells = {"日期": day(when), "活动名称": name, "类别": kind, "对应任务": tasks or None, "地点": place}
    return Typed("活动台账", known | {"参加人数": heads, "主要内容": content} | more)


def study(when: str, topic: str, speaker: str, heads: int, tasks: str = "3.2", **more: Scalar) -> Typed:
    """A row of 学习教育: a session of two hours, everybody there, with notes and signatures."""
    known: Cells = {"日期": day(when), "形式": "集中", "主题": topic, "主讲人": speaker, "时长(小时)": 2, "应到": heads}
    return Typed("学习教育", known | {"实到": heads, "有记录": "是", "有签到": "是", "对应任务": tasks or None} | more)


def volunteer(name: str, number: int, registered: str) -> Typed:
    """A row of 志愿者名册."""
    known: Cells = {"姓名": name, "注册号": f"YL{YEAR}{number:05}", "注册日期": day(registered), "状态": "有效"}
    return Typed("志愿者名册", known)


def service(when: str, project: str, place: str, heads: int, hours: float, tasks: str, **more: Scalar) -> Typed:
    """A row of 志愿服务."""
    known: Cells = {"日期": day(when), "项目": project, "地点": place, "参加人数": heads, "人均时长": hours}
    return Typed("志愿服务", known | {"已录系统": "是", "对应任务": tasks} | more)


def material(
    when: str, title: str, kind: str, indicator: str, pages: int, proves: str, author: str, **more: Scalar
) -> Typed:
    """A row of 材料目录."""
    known: Cells = {
        "测评指标": indicator,
        "题名": title,
        "类型": kind,
        "责任者": author,
        "日期": day(when),
        "页数": pages,
    }
    return Typed("材料目录", known | {"印证任务或活动": proves} | more)


def fault(
    when: str, source: str, text: str, unit: str, measures: str, due: str, progress: str, **more: Scalar
) -> Typed:
    """A row of 问题整改."""
    known: Cells = {"发现日期": day(when), "来源": source, "问题": text, "责任单位": unit, "整改措施": measures}
    return Typed("问题整改", known | {"整改时限": due, "进展": progress} | more)


_READINGS = (
    ("01-09", "年度学习计划和读书安排"),
    ("01-16", "文明单位测评指标逐项学习"),
    ("01-30", "机关工作人员行为规范"),
    ("02-06", "勤俭节约、文明过节倡议"),
    ("02-27", "节后收心与作风要求"),
    ("03-13", "消费者权益与诚信服务"),
    ("03-27", "身边好人事迹交流"),
    ("04-10", "绿色出行与垃圾分类"),
    ("04-24", "读书分享：我推荐的一本书"),
    ("05-08", "青年干部成长座谈"),
    ("05-22", "公文写作与信息报送"),
    ("06-05", "生态环境保护常识"),
    ("06-26", "党史专题学习"),
    ("07-10", "防汛安全与应急常识"),
    ("07-24", "网络文明与个人信息保护"),
    ("08-07", "家风故事分享"),
    ("08-21", "文明礼仪与窗口服务"),
    ("09-04", "志愿服务条例学习"),
    ("09-18", "民法典与日常生活"),
    ("10-09", "节后廉洁提醒"),
    ("10-23", "档案整理与材料归集"),
)
_VOLUNTEERS = [f"{surname}示例" for surname in "钱孙郑冯褚卫蒋沈韩杨朱秦尤许何吕施孔曹严华金魏陶"]
_COMMUNITY = [f"{surname}试填" for surname in "姜戚谢邹喻柏"]
_ESTATE = [f"{surname}试填" for surname in "水窦章云"]
_CLEAN_UPS = ("01-23", "02-13", "03-20", "04-17", "05-15", "06-12", "07-17", "08-14", "09-11", "10-16")

RECORDS: Mapping[str, tuple[Typed, ...]] = {
    "创建办": (
        activity("03-10", "文明单位创建工作部署会", "会议部署", "1.1", "三楼会议室", 46, "通过年度方案，向各单位分解任务。",
                 主办="创建办", 参与单位="机关各科室、局属支部、同创单位", 成效="25项任务全部明确牵头单位和完成时限。"),
        activity("08-20", "创建工作中期推进会", "会议部署", "1.1", "三楼会议室", 38, "通报上半年进度，逐项研究滞后任务。", 主办="创建办"),
        material("03-12", "文明单位创建工作方案", "方案", "1-1-01", 12, "1.1", "创建办", 文号="云建创〔2026〕1号", 印证位置="第3页"),
        material("03-12", "年度任务分解表", "方案", "1-1-01", 6, "1.1", "创建办"),
        material("03-10", "部署会会议记录", "会议记录", "1-1-01", 4, "1.1", "创建办"),
        fault("09-15", "督查", "服务大厅无障碍通道堆放杂物", "服务中心", "当天清走杂物，每周巡查一次", "2026年9月30日", "已完成",
              责任人="沈样本", 完成日期=day("09-16")),
        fault("10-20", "督查", "部分科室活动照片没有写明时间地点", "宣传科", "补写说明，统一照片命名办法", "11月底前", "整改中", 责任人="陈样本"),
    ),
    "办公室": (
        activity("07-15", "行风评议座谈会", "督促检查", "10.1", "二楼会议室", 24, "请服务对象面对面提意见，收回意见17条。", 主办="办公室"),
        material("04-08", "政务公开工作制度", "制度", "3-2-01", 5, "10.1", "办公室", 文号="云建办〔2026〕7号"),
        material("07-20", "行风评议情况报告", "说明报告", "3-2-01", 8, "10.1", "办公室"),
    ),
    "机关党委": (
        activity("03-18", "第一季度廉政教育专题会", "会议部署", "2.1", "五楼党员活动室", 35, "学习通报，开展廉政提醒。", 主办="机关党委"),
        activity("06-24", "观看警示教育片", "宣传宣讲", "2.1", "五楼党员活动室", 41, "集中观看并讨论。", 主办="机关党委"),
        activity("09-16", "第三季度廉政教育专题会", "会议部署", "2.1", "五楼党员活动室", 36, "学习典型案例，签订承诺书。", 主办="机关党委"),
        activity("04-15", "道德讲堂第一期：爱岗敬业", "道德讲堂", "6.1", "多功能厅", 60, "三名职工讲身边事。", 主办="机关党委"),
        activity("07-08", "道德讲堂第二期：孝老爱亲", "道德讲堂", "6.1", "多功能厅", 58, "两个家庭分享孝老故事。", 主办="机关党委"),
        activity("02-05", "春节前走访结对村", "结对帮创", "7.3", "结对村", 9, "看望困难户12户，送去米面油。", 主办="机关党委"),
        activity("05-20", "送政策下乡", "结对帮创", "7.3", "结对村", 11, "讲解农房改造补助政策。", 主办="机关党委"),
        activity("08-27", "助学走访", "结对帮创", "7.3", "结对村", 8, "为6名学生送去学习用品。", 主办="机关党委"),
        activity("10-23", "家庭廉洁座谈会", "主题活动", "11.2", "五楼党员活动室", 22, "请干部家属谈家庭助廉。", 主办="机关党委"),
        study("04-02", "三会一课规范", "张示例", 18, "2.1"),
        material("03-18", "廉政教育签到表和照片", "活动记录", "1-2-01", 3, "2.1", "机关党委"),
        material("04-15", "道德讲堂第一期照片", "图片", "2-1-02", 4, "6.1", "机关党委"),
    ),
    "人事科": (
        study("05-29", "年度考核与评先评优办法", "李示例", 16, ""),
        material("10-12", "文明科室和文明职工评选办法", "制度", "2-1-03", 6, "6.4", "人事科", 文号="云建人〔2026〕15号"),
    ),
    "宣传科": (
        activity("03-24", "理论宣讲进机关", "宣传宣讲", "3.1", "多功能厅", 52, "宣讲小组为机关干部作专题宣讲。", 主办="宣传科"),
        activity("06-30", "“七一”主题宣讲", "宣传宣讲", "3.1", "多功能厅", 64, "五名党员讲入党故事。", 主办="宣传科、机关党委"),
        activity("09-22", "宣讲进社区", "宣传宣讲", "3.1", "青禾社区", 48, "面向居民宣讲文明行为规范。", 主办="宣传科", 参与单位="青禾社区"),
        activity("04-20", "“身边的变化”征文", "主题活动", "4.1", "线上征集", 37, "征集文章37篇，评出优秀作品10篇。", 主办="宣传科"),
        activity("06-18", "职工书画摄影展", "主题活动", "4.1", "一楼大厅", 45, "展出作品62件，线上同步展览。", 主办="宣传科",
                 宣传链接="https://example.com/zhanlan"),
        activity("05-14", "文明礼仪讲座", "讲座竞赛", "6.2", "多功能厅", 70, "讲解公务礼仪和窗口用语。", 主办="宣传科"),
        *(study(when, topic, "陈样本", 32) for when, topic in _READINGS),
        material("03-24", "理论宣讲讲稿和签到表", "活动记录", "1-2-02", 9, "3.1", "宣传科"),
        material("06-30", "“七一”宣讲照片", "图片", "1-2-02", 5, "3.1", "宣传科"),
        material("05-14", "礼仪讲座课件截图", "截图或链接", "2-1-01", 6, "6.2", "宣传科"),
        material("10-23", "集中学习签到表（1至10月）", "活动记录", "1-2-03", 21, "3.2", "宣传科"),
    ),
    "工会": (
        activity("02-10", "迎新春联欢", "我们的节日", "8.1", "多功能厅", 90, "写春联、猜灯谜、节目表演。", 主办="工会"),
        activity("03-03", "元宵灯谜会", "我们的节日", "8.1", "一楼大厅", 76, "悬挂灯谜200条。", 主办="工会"),
        activity("06-18", "端午包粽子", "我们的节日", "8.1", "职工食堂", 54, "包粽子送给环卫工人。", 主办="工会"),
        activity("09-24", "中秋茶话会", "我们的节日", "8.1", "职工之家", 63, "诗词诵读和茶艺体验。", 主办="工会"),
        activity("03-26", "上半年合理化建议征集", "其他", "8.2", "线上征集", 41, "收到建议28条，采纳11条。", 主办="工会"),
        *(study(when, topic, "褚样本", 20) for when, topic in (
            ("03-06", "女职工权益保护"), ("05-15", "读书月启动和书目推荐"), ("07-03", "安全生产知识"), ("09-25", "职工心理健康"),
        )),
    ),
    "团委": (
        activity("09-28", "歌咏比赛", "主题活动", "4.1", "局礼堂", 120, "八支队伍参赛。", 主办="团委、宣传科", 成效="评出一等奖1个、二等奖2个。"),
        activity("10-12", "青年演讲比赛", "主题活动", "4.1", "多功能厅", 66, "十二名青年讲岗位故事。", 主办="团委"),
        activity("05-16", "文明实践项目：社区课堂", "志愿服务", "7.2", "青禾社区", 18, "周末为社区儿童辅导功课。", 主办="团委"),
        activity("08-08", "文明实践项目：暑期防溺水", "志愿服务", "7.2", "青禾社区", 15, "沿河巡查和安全宣讲。", 主办="团委"),
        *(volunteer(name, number, "03-05") for number, name in enumerate(_VOLUNTEERS, start=101)),
        service("03-05", "学雷锋便民服务", "中心广场", 22, 3, "7.1"),
        service("04-18", "义务植树", "城北苗圃", 20, 4, "7.1"),
        service("05-16", "社区课堂辅导", "青禾社区", 12, 2.5, "7.1"),
        service("06-27", "高考交通引导", "第三中学", 16, 3, "7.1"),
        service("08-08", "沿河安全巡查", "清水河沿岸", 15, 3, "7.1"),
        service("09-19", "文明交通劝导", "人民路口", 18, 2, "7.1"),
        material("03-05", "志愿者注册名单截图", "截图或链接", "2-2-01", 2, "7.1", "团委"),
    ),
    "行政审批科": (
        activity("05-27", "窗口服务技能竞赛", "讲座竞赛", "10.3", "政务大厅", 21, "比业务、比礼仪、比速度。", 主办="行政审批科"),
        activity("09-11", "“服务明星”评选赛", "评选表彰", "10.3", "政务大厅", 21, "现场打分和群众投票。", 主办="行政审批科", 成效="评出服务明星3名。"),
        material("09-14", "窗口服务竞赛方案和结果", "方案", "3-2-02", 7, "10.3", "行政审批科"),
    ),
    "服务中心": (
        activity("03-19", "节约型机关检查", "督促检查", "6.3", "各办公室", 6, "检查用水用电和食堂公筷。", 主办="服务中心"),
        activity("06-11", "公务用餐检查", "督促检查", "6.3", "职工食堂", 5, "检查分餐和剩餐登记。", 主办="服务中心"),
        activity("04-03", "清明祭扫", "我们的节日", "8.1", "烈士陵园", 40, "敬献花篮，重温誓词。", 主办="服务中心、工会"),
        activity("08-19", "七夕青年联谊", "我们的节日", "8.1", "职工之家", 36, "手工和朗诵。", 主办="服务中心、团委"),
        activity("10-16", "重阳节慰问退休职工", "我们的节日", "8.1", "职工之家", 28, "座谈并送去慰问品。", 主办="服务中心、工会"),
        activity("10-28", "办公区消防演练", "其他", "", "机关大院", 85, "疏散演练和灭火器使用。", 主办="服务中心"),
        *(service(when, "责任片区环境整治", "责任片区", 15, 2, "6.6、7.1") for when in _CLEAN_UPS),
    ),
    "法规科": (
        activity("03-13", "“3·15”诚信服务咨询", "宣传宣讲", "9.1", "中心广场", 14, "现场解答咨询43人次。", 主办="法规科"),
        activity("09-10", "诚信公约签订", "主题活动", "9.1", "政务大厅", 30, "窗口单位签订诚信公约。", 主办="法规科、宣传科"),
        study("10-30", "宪法和行政处罚法网上答题", "杨样本", 14, "", 形式="线上", 心得篇数=3),
        material("09-10", "诚信公约文本", "制度", "3-1-01", 3, "9.1", "法规科"),
    ),
    "财务科": (
        study("06-12", "差旅费管理办法", "朱样本", 9),
        study("09-11", "预算绩效管理", "朱样本", 9),
        material("01-20", "创建经费预算安排", "文件", "1-1-02", 4, "1.1", "财务科", 文号="云建财〔2026〕3号"),
    ),
    "第一党支部": (
        study("04-09", "支部集中学习：党章", "秦样本", 15),
        activity("07-01", "重温入党誓词", "主题活动", "", "烈士陵园", 15, "支部党员重温誓词。", 主办="第一党支部"),
    ),
    "第二党支部": (
        study("04-16", "支部集中学习：纪律处分条例", "尤样本", 13, 实到=11, 缺席原因="2人出差，已补课"),
        study("08-13", "支部微党课", "尤样本", 13, "2.1", 形式="党课"),
    ),
    "青禾社区": (
        *(volunteer(name, number, "04-01") for number, name in enumerate(_COMMUNITY, start=301)),
        service("06-20", "楼道清理", "青禾社区", 10, 2, "7.1", 已录系统="否"),
        activity("09-20", "邻里节", "文体活动", "", "社区广场", 130, "百家宴和文艺演出。", 主办="青禾社区"),
    ),
    "星河物业": (
        *(volunteer(name, number, "04-20") for number, name in enumerate(_ESTATE, start=401)),
        service("09-05", "小区绿地养护", "星河小区", 8, 3, "7.1"),
    ),
}  # fmt: skip
